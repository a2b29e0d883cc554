"""How the web processes run, and what they tell whoever watches them."""
