"""Rules: what may happen to a case, who may do it, where it goes. Standard library only; time is an argument."""
