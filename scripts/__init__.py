"""What is run by hand: checks, measurements, faults; the commands say what they do."""
