"""Runs a program on a terminal of its own and does what it is told, step by step; prints as JSON what came of it.

on-terminal.py STEPS COMMAND...

STEPS is JSON, a list of lists:

  ["see", WORDS]       reads until these words are there
  ["raw"]              waits until the terminal gives byte by byte
  ["type", TEXT]       types
  ["urge", TEXT, WORDS] types every other second until these words are there
  ["echo", COUNT]      types that many letters, each once the one before is shown, and notes how long each took
  ["lines", COUNT]     reads until that many lines of two digits have come, and checks that they count up
  ["signal", NAME]     sends a signal to the program
  ["run", COMMAND...]  runs another program and waits for it
  ["end"]              reads until the program ends, and notes how long that took
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time

# Of one step: a busy machine emulates slowly.
PATIENCE = 120


class Terminal:
    def __init__(self, command):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""
        self.all = b""
        self.raw_bytes = b""
        self.result = {"echo_ms": [], "runs": []}
        self.child = subprocess.Popen(
            command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def read(self):
        if select.select([self.master], [], [], 0.02)[0]:
            piece = os.read(self.master, 65536)
            self.seen += piece
            self.all = (self.all + piece)[-4000:]
            self.raw_bytes = (self.raw_bytes + piece)[-65536:]

    def until(self, done):
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(repr(self.all))
            self.read()

    def see(self, words):
        self.until(lambda: words.encode() in self.seen)
        self.seen = self.seen.split(words.encode(), 1)[1]

    def raw(self):
        self.until(lambda: not termios.tcgetattr(self.slave)[3] & termios.ICANON)

    def type(self, text):
        os.write(self.master, text.encode())

    def urge(self, text, words):
        due = 0

        def said():
            nonlocal due
            if words.encode() in self.seen:
                return True
            if time.monotonic() > due:
                self.type(text)
                due = time.monotonic() + 2
            return False

        self.until(said)
        self.see(words)

    def echo(self, count):
        for index in range(count):
            letter = "abcdefghij"[index % 10]
            begin = time.monotonic()
            self.type(letter)
            self.see(letter)
            self.result["echo_ms"].append((time.monotonic() - begin) * 1000)

    def lines(self, count):
        wanted = b"".join(b"%02d\r\n" % (number % 100) for number in range(1, count + 1))
        begin = time.monotonic()
        self.until(lambda: len(self.seen) >= len(wanted))
        self.result["lines_ms"] = (time.monotonic() - begin) * 1000
        self.result["unharmed"] = self.seen[: len(wanted)] == wanted
        self.seen = self.seen[len(wanted) :]

    def signal(self, name):
        self.child.send_signal(getattr(signal, name))

    def run(self, *command):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
        self.result["runs"].append({"code": done.returncode, "stderr": done.stderr})

    def end(self):
        begin = time.monotonic()
        self.until(lambda: self.child.poll() is not None)
        self.result["end_ms"] = (time.monotonic() - begin) * 1000
        self.read()
        self.result["code"] = self.child.returncode
        self.result["shown"] = re.sub(r"\x1b\[[?0-9;]*[a-zA-Z]|\x1b[(>]B?", "", self.all.decode(errors="replace"))
        self.result["written"] = self.raw_bytes.decode(errors="replace")
        self.result["restored"] = termios.tcgetattr(self.slave) == self.before


def main():
    terminal = Terminal(sys.argv[2:])
    try:
        for step, *rest in json.loads(sys.argv[1]):
            getattr(terminal, step)(*rest)
    finally:
        if terminal.child.poll() is None:
            terminal.child.kill()
    print(json.dumps(terminal.result))


main()
