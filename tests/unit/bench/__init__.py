"""Are reports with known causes what they claim to be, and are groupings measured right?"""
