"""What every package stands on."""
