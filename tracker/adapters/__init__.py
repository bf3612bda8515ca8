"""The outside: photos on disk, printed codes, sealed numbers, passwords. Plain values in and out."""
