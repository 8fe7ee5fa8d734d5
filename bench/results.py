#!/usr/bin/env python3
"""results.py FOLDER record COMMAND...|compare|history -- figures of `make bench`: FOLDER has a file for each machine and commit.

record   runs COMMAND, prints its output, and saves the figures
compare  prints changes of more than 5 % since the previous commit of this machine; exits with 1 if a figure is higher
history  writes FOLDER/history.html: each figure over the commits of each machine

A figure is a number of seconds or bytes in a line. Its name is the line with `*` for the number and `_` for other
results.
"""
import datetime
import html
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys

LIMIT = 0.05
# Results are numbers with a point, numbers before a unit, and integers after the colon of the line.
RESULT = re.compile(r'(?<![\w.])\d+\.\d+|(?<![\w.])\d+(?= (?:s|ms|KiB|MiB|%)(?!\w))')
INTEGER = re.compile(r'(?<![\w.*])\d+(?![\w.])')
UNIT = re.compile(r' (s|ms|KiB|MiB)\b')


def figures_of(line):
    """The figures of one line: name to number."""
    line = ' '.join(line.split())
    found = list(RESULT.finditer(line))
    figures = {}
    for this in found:
        if not UNIT.match(line, this.end()):
            continue
        name, end = '', 0
        for other in found:
            name += line[end:other.start()] + ('*' if other is this else '_')
            end = other.end()
        head, colon, tail = (name + line[end:]).partition(': ')
        figures[head + colon + INTEGER.sub('_', tail)] = float(this.group())
    return figures


def record(folder, *command):
    machine, figures = platform.machine(), {}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        print(line, end='', flush=True)
        if line.startswith('machine: '):
            machine = line[len('machine: '):].strip()
        else:
            figures.update(figures_of(line))
    if process.wait() != 0 or not figures:
        sys.exit(f'results.py: {command[0]} failed, or printed no figures')
    git = shutil.which('git') or 'false'  # an unpacked archive has no commits
    commit = subprocess.run([git, 'describe', '--always', '--dirty', '--exclude=*'], cwd=pathlib.Path(__file__).parent,
                            capture_output=True, text=True).stdout.strip() or 'unknown'
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f'{platform.node()}-{commit}.json'
    file.write_text(json.dumps({'host': platform.node(), 'machine': machine, 'commit': commit, 'figures': figures,
                                'date': datetime.datetime.now(datetime.timezone.utc).isoformat()}, indent=1))
    print(file)


def runs_by_machine(folder):
    """Runs by (host, machine), the oldest first."""
    runs = {}
    for run in sorted((json.loads(file.read_text()) for file in folder.glob('*.json')), key=lambda run: run['date']):
        runs.setdefault((run['host'], run['machine']), []).append(run)
    return runs


def compare(folder):
    runs = max(runs_by_machine(folder).values(), key=lambda runs: runs[-1]['date'], default=[])
    if len(runs) < 2:
        print('no earlier figures of this machine')
        return
    before, now = runs[-2:]
    higher = 0
    print(f"{before['commit']} to {now['commit']}, changes of more than {LIMIT:.0%}:")
    for name, value in now['figures'].items():
        old = before['figures'].get(name)
        change = value / old - 1 if old else 0
        if abs(change) > LIMIT:
            print(f'{change:+7.1%}  {old:g} to {value:g}  {name}')
            higher += change > 0
    sys.exit(higher > 0)


def chart(name, runs):
    """Returns HTML: a line chart of the figure over the commits. The axis begins at 0."""
    points = [(i, run['figures'][name], run['commit']) for i, run in enumerate(runs) if name in run['figures']]
    top = max(value for _, value, _ in points) or 1
    spots = [(10 + 300 * i / max(len(runs) - 1, 1), 60 - 50 * value / top, value, commit) for i, value, commit in points]
    line = ' '.join(f'{x:.0f},{y:.1f}' for x, y, _, _ in spots)
    dots = ''.join(f'<circle cx="{x:.0f}" cy="{y:.1f}" r="3"><title>{html.escape(commit)}: {value:g}</title></circle>'
                   for x, y, value, commit in spots)
    return (f'<p>{html.escape(name)}: {points[-1][1]:g}<br><svg width="320" height="66"><polyline points="{line}" fill="none" '
            f'stroke="black"/>{dots}</svg></p>')


def history(folder):
    page = ['<!doctype html><meta charset="utf-8"><title>Speed of Reverie</title>']
    for (host, machine), runs in runs_by_machine(folder).items():
        page.append(f"<h2>{html.escape(host)}: {html.escape(machine)}, {runs[0]['commit']} to {runs[-1]['commit']}</h2>")
        names = dict.fromkeys(name for run in runs for name in run['figures'])
        page += [chart(name, runs) for name in names]
    file = folder / 'history.html'
    file.write_text('\n'.join(page) + '\n')
    print(file)


commands = {'record': record, 'compare': compare, 'history': history}
if len(sys.argv) < 3 or sys.argv[2] not in commands or (len(sys.argv) > 3) != (sys.argv[2] == 'record'):
    sys.exit('usage: results.py FOLDER record COMMAND...|compare|history')
commands[sys.argv[2]](pathlib.Path(sys.argv[1]), *sys.argv[3:])
