"""How tables and figures are written: terminal, html, LaTeX and csv."""
