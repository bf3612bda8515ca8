"""Does it work in the hand? The main journeys in a real Chromium, JavaScript on and off."""
