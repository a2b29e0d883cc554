"""What is released of the network, and which pairs their centers share by name."""
