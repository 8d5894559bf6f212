"""One report.json, one offline page."""
