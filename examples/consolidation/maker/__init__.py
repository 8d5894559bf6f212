"""The parts of `make.py`: words, entities, spellings and the three sources."""
