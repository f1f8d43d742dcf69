"""The demonstration: invented people, dates relative to today, and doors that exist nowhere else."""
