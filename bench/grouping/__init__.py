"""How well street reports are grouped: reports whose causes are known, and the measures of a grouping.

corpus      reports with known causes: python -m bench.grouping.corpus --help
causes      what goes wrong where and when, and who reports it
town        the ground it happens on: districts, roads, places with a code
grammar     a way of writing, read from grammars/<name>/*.toml
phrases     phrases with alternatives and slots
writer      one report's words
slips       what a phone's keyboard or its dictation makes of them
score       the measures
run         one file grouped in a process of its own
fit         how the weights of the score were found: python -m bench.grouping.fit

``make bench-grouping`` prints them all; what the figures mean: docs/measurements.md.
"""
