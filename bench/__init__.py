"""Reproducible measurements. Each prints what it measured and ratios from one run; none of them is a test."""
