"""For authors of adapters: contract suites and factories."""
