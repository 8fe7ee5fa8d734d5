# ranks.sh -- sourced after cli.sh by tests of several ranks on this machine: $launcher is openmpi or mpich, $module its
# module.
if [ ! -e "$module" ] || ! command -v "mpirun.$launcher" >/dev/null; then
  ok "$launcher # SKIP it is not here" true
  all_done
fi
export REVERIE_CLUSTER="$module" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# Two cores stand for many machines. Waiting ranks must leave them to computing ones.
export OMPI_MCA_mpi_yield_when_idle=1
how=
[ "$launcher" = mpich ] || how='--map-by :OVERSUBSCRIBE --bind-to none'
ranks() { # ranks N COMMAND...
  n=$1
  shift
  timeout -k 5 $((60 * REVERIE_TEST_SLOWER)) mpirun.$launcher $how -n "$n" "$@" </dev/null
}
on() { # on N ARGUMENTS...: of the program
  n=$1
  shift
  ranks "$n" "$reverie" "$@" >out 2>err
}
