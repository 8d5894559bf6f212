"""The workspace: runs, artifacts and the ledger."""
