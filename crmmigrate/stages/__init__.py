"""One module for each CLI stage: where kernels meet engine, adapter and store."""
