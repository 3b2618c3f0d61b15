"""labrun simulate on a small plan: a Proxmox machine with two VMs, a tunnel, records. RUN labrun ROOT."""
import json

from support import main
from worlds import TOKENS, SmallWorld


class Simulated(SmallWorld):
    def test_comes_up_and_then_writes_nothing(self):
        first = self.world(self.simulate("--state", "kept"))
        self.assertGreater(first["writes"], 8)
        second = self.world(self.simulate("--state", "kept"))
        self.assertEqual(0, second["writes"])
        self.assertEqual(first["is"], second["is"])
        for path in (self.folder / "kept").iterdir():
            for word in TOKENS.values():
                self.assertNotIn(word.encode(), path.read_bytes())
        self.assertFalse((self.folder / ".labrun").exists())

    def test_same_seed_same_run(self):
        strip = lambda events: [event for event in events if event["event"] != "begin"]
        self.assertEqual(strip(self.simulate("--seed", "5")), strip(self.simulate("--seed", "5")))

    def test_faults_are_survived(self):
        whole = self.world(self.simulate())["is"]
        (self.folder / "faults.json").write_text(json.dumps(
            {"random": {"per_mille": 60, "do": ["reset-before", "reset-after", "half"], "most": 12}}))
        for seed in range(3):
            events = self.simulate("--faults", "faults.json", "--seed", str(seed))
            self.assertEqual(whole, self.world(events)["is"])
        (self.folder / "faults.json").write_text('{"faults": [{"do": "nothing of the kind"}]}')
        self.run_labrun("simulate", ".", "--faults", "faults.json", expect=3)


if __name__ == "__main__":
    main()
