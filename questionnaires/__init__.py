"""What is asked, of whom, and the rules by which it is scored: versioned files, no web, no database."""
