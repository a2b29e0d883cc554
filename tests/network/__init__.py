"""The network's numbers against an independent calculation, and the attack on what is hidden."""
