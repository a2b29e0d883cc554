"""Who gets what on every route, and whether one side can tell what the other has answered."""
