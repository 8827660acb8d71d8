"""What a page costs, measured: `make bench`. docs/performance.md has the results."""
