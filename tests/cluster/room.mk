# Under a batch system that the test starts and ends.
dist_check_SCRIPTS += tests/cluster/slurm.sh
TESTS += tests/cluster/slurm.sh
