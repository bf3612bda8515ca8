"""How fast the pages are, and how far from the floor of this machine: ``make bench``.

    workplace   a folder on the disk, a database, the demo street, the servers: what is measured stands here
    visitor     somebody who fetches pages, signs in and fills in forms; gets requests ready
    workload    which requests are measured: the rows of the table
    load        plays requests that are ready over kept-alive connections, in a process of its own
    floor       the least that any page and any durable write cost here: bare Flask, bare INSERT
    cpu_clock   processor time of another process
    rounds      measures every row, round after round
    worst_hour  how many times over the machine could take the reports of a typhoon's worst hour
    table       the result, as a table for people and as JSON
    node        the pinned Lighthouse, installed into a folder of its own where Node is there
    lighthouse  what a phone on a slow line makes of three pages: python -m bench.lighthouse
    due_dates   what working time costs, alone: python -m bench.due_dates

What the figures mean, and some that were seen: docs/measurements.md.
"""
