/* The heavy work of cpu_heavy.erl, on a dirty scheduler. */
#include <erl_nif.h>

static long fib(long n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static ERL_NIF_TERM native(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    long n;
    if (argc != 1 || !enif_get_long(env, argv[0], &n))
        return enif_make_badarg(env);
    return enif_make_long(env, fib(n));
}

static ErlNifFunc functions[] = {{"native", 1, native, ERL_NIF_DIRTY_JOB_CPU_BOUND}};

ERL_NIF_INIT(cpu_heavy, functions, NULL, NULL, NULL, NULL)
