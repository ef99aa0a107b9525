"""Types lines into a shell in a terminal, as a person would, and prints what stands on each then, as JSON.

type-into.py SHELL SETUP ANSWERS LINE...

A line may hold tabs. ANSWERS is a file to which `plow` in the shell appends a line after each answer to a tab, `names` or
`nothing`: nothing is typed before the answer is there, and a tab that got none is pressed again, as a busy machine may
take longer than a person would wait for.
"""

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
import time

PATIENCE = 40
# With what comes behind it: the terminal may give the words in pieces.
LINE = re.compile(r"<LINE>((?:<[^>\r\n]*>)+)(?=[^<])")


class Shell:
    def __init__(self, command, answers):
        self.answers = answers
        self.seen = ""
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.execvp("sh", ["sh", "-c", "exec " + command])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))

    def wait(self, what):
        """Reads what the shell draws until `what` is there."""
        end = time.monotonic() + PATIENCE
        while not (found := what()):
            if time.monotonic() > end:
                raise TimeoutError(self.seen)
            if select.select([self.terminal], [], [], 0.02)[0]:
                self.seen += os.read(self.terminal, 4096).decode(errors="replace")
        return found

    def edits(self):
        """Whether the shell reads key by key: while a program runs the terminal collects lines."""
        return not termios.tcgetattr(self.terminal)[3] & termios.ICANON

    def send(self, keys):
        os.write(self.terminal, keys.encode())

    def run(self, command):
        """Runs a command. It ends with words that are not in it."""
        self.wait(self.edits)
        self.seen = ""
        self.send(command + "; printf 'rea%s' dy\r")
        self.wait(lambda: "ready" in self.seen)

    def count(self):
        with open(self.answers) as file:
            return file.read().split()

    def complete(self):
        end = time.monotonic() + PATIENCE
        while True:
            before = len(self.count())
            self.send("\t")
            self.wait(lambda: len(self.count()) > before)
            if self.count()[-1] == "names" or time.monotonic() > end:
                return

    def type(self, line):
        self.wait(self.edits)
        self.seen = ""
        for index, part in enumerate(line.split("\t")):
            if index > 0:
                self.complete()
            self.send(part)
        # Ctrl-A goes to the beginning of the line, where printf turns it into words.
        self.send('\x01printf "<%s>" LINE \r')
        return self.wait(lambda: LINE.search(self.seen)).group(1)


def main():
    command, setup, answers, *lines = sys.argv[1:]
    shell = Shell(command, answers)
    shell.run(setup)
    print(json.dumps([shell.type(line) for line in lines]))


main()
