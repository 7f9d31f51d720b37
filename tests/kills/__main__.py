"""`python -m tests.kills`: a registry, the deeds of an administration on it, and kills; the environment already names the servers."""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import django


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path, required=True)
    for name in ("kills", "households", "seed"):
        arguments.add_argument(f"--{name}", type=int, required=True)
    given = arguments.parse_args()
    random = Random(given.seed)
    print(f"seed {given.seed}: {given.kills} kills, {given.households} households", flush=True)
    django.setup()
    from tests.kills.machine import Machine

    machine = Machine(given.data, random)
    try:
        machine.servers.start()
        return Trial(machine, random, given).play()
    finally:
        machine.stop()


class Trial:
    def __init__(self, machine, random: Random, given: argparse.Namespace) -> None:
        self.machine, self.random, self.given, self.begun = machine, random, given, time.monotonic()

    def play(self) -> int:
        from tests.kills.deeds import Registry

        self.registry = Registry(self.machine, self.random)
        self.registry.prepare(self.given.households)
        self.say("ready")
        self.machine.start_family()
        left, number = self.given.kills, 0
        while left:
            kills = min(left, 3 if number == 0 else self.random.randint(3, 6))
            if not self.round(number, kills):
                return 1
            left, number = left - kills, number + 1
        self.say(self.report())
        return 0

    def round(self, number: int, kills: int) -> bool:
        """Deeds, a kill while each is carried out, then the whole registry compared with what it must be."""
        declarer = None
        if number:
            declarer = subprocess.Popen([sys.executable, "-m", "tests.kills.declarer", f"{self.given.seed} {number}"])
        try:
            steps = self.registry.catch_up() if number == 0 else self.registry.deeds()
            killed = [self.machine.kill_one(lambda: next(steps, None)) for _number in range(kills)]
            for _rest in steps:
                self.machine.tick()
        finally:
            if declarer:
                declarer.terminate()
                declarer.wait()
        self.registry.settle()
        found = self.machine.ask(self.registry.check)
        self.say(f"round {number}: {', '.join(self.registry.done)}; killed {', '.join(killed)}; {len(found)} differences")
        for sentence in found[:20]:
            print("   ", sentence, flush=True)
        return not found

    def report(self) -> str:
        machine, ledger = self.machine, self.registry.ledger()
        killed = ", ".join(f"{number} × {name}" for name, number in sorted(machine.killed.items()))
        return (
            f"{sum(machine.killed.values())} kills, {machine.inside} of them inside a chunk ({killed});"
            f" {ledger['households']} households, {ledger['runs']} runs, {ledger['chunks']} chunks, {ledger['again']} of them done again,"
            f" {ledger['periods']} periods; 0 differences"
        )

    def say(self, sentence: str) -> None:
        print(f"[{time.monotonic() - self.begun:.0f} s] {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
