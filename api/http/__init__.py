"""What every endpoint stands on: who asks, units of work, pages, versions, keys of repetition, refusals and the door itself."""
