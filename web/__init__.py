"""Pages, styles and scripts: shown values in, HTML out."""
