"""Charts and self-contained HTML pages, drawn from plain numbers."""
