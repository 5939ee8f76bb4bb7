"""windows.py WORD WINDOW FILE...: the most lines "WORD moment" that any window of so many seconds holds, and how many
there are in all."""
import sys

word, window, files = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
moments = sorted(
    float(line.split()[1]) for name in files for line in open(name) if line.startswith(word + " ") and line.endswith("\n"))
most = start = 0
for place, moment in enumerate(moments):
    while moments[start] <= moment - window:
        start += 1
    most = max(most, place - start + 1)
print(most, len(moments))
