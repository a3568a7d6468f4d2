"""The parts of tools/bench/compile. Standard library only; numpy is used where it is there."""
