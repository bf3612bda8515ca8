"""Names, hours and facilities that the demo street's places are put together from. All invented."""

# Two-character words that no chain is called; with a trade they make a shop's name.
PREFIXES = (
    "小禾", "晚风", "青石", "暖阳", "邻里", "巷口", "有余", "半亩", "云朵", "拾光",
    "老槐", "向阳", "满仓", "和悦", "清欢", "南窗", "春禾", "桂子", "阿满", "四方",
    "知味", "随园", "稻香里", "对门", "拐角", "长亭", "双喜", "石榴", "梧桐下", "弄堂里",
    "早安", "月牙", "豆芽", "团圆", "百顺", "木棉", "柚子", "蓝鲸", "竹影", "小满",
)  # fmt: skip

TRADES = {
    "shop": (
        "水果店", "便利店", "理发店", "五金店", "文具店", "花店", "药房", "裁缝铺", "眼镜店", "茶叶店",
        "宠物店", "洗衣店", "修车铺", "母婴店", "书店", "手机维修", "鞋店", "打印社", "彩票站", "粮油店",
    ),
    "restaurant": (
        "面馆", "馄饨店", "小笼店", "咖啡馆", "烘焙坊", "粥铺", "盖浇饭", "火锅店", "奶茶铺", "烧烤店",
        "生煎店", "砂锅店", "本帮菜馆", "早点铺", "小酒馆", "饺子馆",
    ),
    "office": ("大厦", "商务楼", "创意园", "科创楼"),
}  # fmt: skip

ESTATES = (
    "春禾苑", "星河公寓", "望舒小区", "百卉新村", "长亭花园", "安澜里", "向阳新村",
    "桂香苑", "和畅坊", "银杏园",
)  # fmt: skip

# Kinds whose places are called after where they are: {road} and {n} (its running number within the kind).
PLACED_NAMES = {
    "metro": "星河路地铁站{n}号口",
    "market": "{road}菜市场",
    "bus_stop": "{road}{number}号公交站",
    "school_gate": "{road}小学(演示)校门",
    "residential_gate": "{estate}{n}号门",
    "building_door": "{estate}{n}号楼",
    "park": "{road}口袋公园",
    "riverside": "彭溪步道{n}段",
    "bin_room": "{estate}第{n}垃圾箱房",
    "works_site": "{road}{number}号修缮工地",
    "street_furniture": "{road}{number}号旁灯杆",
    "canteen": "{road}暖心食堂",
    "charging_point": "{road}充电换电点",
    "courier_station": "{road}小哥驿站",
    "service_centre": "{road}党群服务站",
}

# Only for kinds that serve people: possible opening hours, and what they offer.
HOURS = {
    "canteen": ("06:30-08:30, 10:30-13:00, 16:30-18:30", "10:30-13:00, 16:30-18:30"),
    "charging_point": ("00:00-24:00", "06:00-23:00"),
    "courier_station": ("00:00-24:00", "07:00-22:00", "08:00-21:00"),
    "service_centre": ("09:00-17:00", "09:00-20:00"),
}
FACILITIES = {
    "canteen": ("套餐", "老人优惠", "小哥优惠", "无障碍座位", "外带"),
    "charging_point": ("充电口", "换电柜", "灭火器", "监控", "雨棚"),
    "courier_station": ("饮水", "微波炉", "手机充电", "急救箱", "雨衣", "卫生间", "空调"),
    "service_centre": ("咨询", "会议室", "饮水", "图书角", "母婴室", "打印"),
}

KEEPER_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
# How the person behind a place of this kind is called; elsewhere 值守.
KEEPER_TITLES = {
    "shop": "店主",
    "restaurant": "店主",
    "office": "管家",
    "courier_station": "站长",
    "canteen": "站长",
}
