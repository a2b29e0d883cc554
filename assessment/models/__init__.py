"""Tables: columns, named constraints, nothing else; one file a subject."""
