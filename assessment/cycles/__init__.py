"""Opening and closing cycles, and seeing how far the sides are."""
