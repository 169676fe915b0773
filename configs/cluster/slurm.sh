#!/bin/bash
# sbatch configs/cluster/slurm.sh configs/train/gpu.toml [--set KEY=VALUE ...]
# Several machines with several GPUs each. Stopped for its time or its machine, the job queues again and goes on from its
# last checkpoint. Set the lines below to what your cluster has; code, data and output stand on a disk that all machines share.
#SBATCH --job-name=stancekit
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=16
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
#SBATCH --signal=B:USR1@120

set -euo pipefail

config=${1:?give a training config: sbatch configs/cluster/slurm.sh CONFIG}
shift

# Two minutes before the time is up (--signal above). Slurm stops the job and starts it anew.
trap 'scontrol requeue "$SLURM_JOB_ID"' USR1

# No `| head`: a pipe closed early would end this script (pipefail).
machines=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
first=${machines%%$'\n'*}
# Jobs that share a machine must not meet at one port.
port=$((10000 + SLURM_JOB_ID % 20000))

# Else processes that torchrun starts anew may look for the dead ones at their old addresses (pytorch issue 135712).
export TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1

srun --kill-on-bad-exit=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" \
    torchrun --nnodes="$SLURM_JOB_NUM_NODES" --nproc_per_node="$SLURM_GPUS_ON_NODE" --max_restarts=2 \
    --rdzv_id="$SLURM_JOB_ID" --rdzv_backend=c10d --rdzv_endpoint="$first:$port" \
    -m stancekit train "$config" --resume "$@" &
# In the background: bash answers a signal only between commands, and in this wait.
wait "$!"
