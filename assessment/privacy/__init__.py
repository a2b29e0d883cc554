"""What is kept of people and for how long: the notice, one's own data, erasure, retention."""
