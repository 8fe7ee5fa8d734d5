# ranks.sh -- sourced after cli.sh by tests of several ranks on this machine. $launcher: openmpi or mpich. $module: the
# cluster module of Reverie for this launcher.
if [ ! -e "$module" ] || ! command -v "mpirun.$launcher" >/dev/null; then
  ok "$launcher # SKIP it is not installed" true
  all_done
fi
export REVERIE_CLUSTER="$module" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# All ranks share the few cores of one machine: a waiting rank must yield its core to a computing rank.
export OMPI_MCA_mpi_yield_when_idle=1
how=
[ "$launcher" = mpich ] || how='--map-by :OVERSUBSCRIBE --bind-to none'
ranks() { # ranks N COMMAND...: runs COMMAND on N ranks, for at most a minute
  n=$1
  shift
  timeout -k 5 $((60 * REVERIE_TEST_SLOWER)) mpirun.$launcher $how -n "$n" "$@" </dev/null
}
on() { # on N ARGUMENTS...: runs the program on N ranks; its output goes to `out` and `err`
  n=$1
  shift
  ranks "$n" "$reverie" "$@" >out 2>err
}
