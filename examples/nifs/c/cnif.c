/* Natives in C for erl_nif.h: the same library loads on glulam and on erl. */
#include <erl_nif.h>
#include <string.h>
#include <time.h>

static ErlNifResourceType *counter_type;

typedef struct {
    ErlNifMutex *lock;
    ErlNifSInt64 value;
} Counter;

static void counter_free(ErlNifEnv *env, void *object) {
    (void)env;
    enif_mutex_destroy(((Counter *)object)->lock);
}

static int load(ErlNifEnv *env, void **data, ERL_NIF_TERM info) {
    (void)data, (void)info;
    counter_type = enif_open_resource_type(env, NULL, "counter", counter_free, ERL_NIF_RT_CREATE, NULL);
    return counter_type ? 0 : 1;
}

static ERL_NIF_TERM increment(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    long n;
    (void)argc;
    if (!enif_get_long(env, argv[0], &n))
        return enif_make_badarg(env);
    return enif_make_long(env, n + 1);
}

/* Works for so many microseconds of the processor's time, without saying so. */
static ERL_NIF_TERM spin(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    long wanted, done;
    struct timespec start, now;
    (void)argc;
    if (!enif_get_long(env, argv[0], &wanted))
        return enif_make_badarg(env);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    do {
        for (volatile int i = 0; i < 1000; i++)
            ;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        done = (now.tv_sec - start.tv_sec) * 1000000L + (now.tv_nsec - start.tv_nsec) / 1000;
    } while (done < wanted);
    return enif_make_long(env, done);
}

static ERL_NIF_TERM counter_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    Counter *counter = enif_alloc_resource(counter_type, sizeof(Counter));
    ERL_NIF_TERM term;
    (void)argc, (void)argv;
    counter->lock = enif_mutex_create("counter");
    counter->value = 0;
    term = enif_make_resource(env, counter);
    enif_release_resource(counter);
    return term;
}

static ERL_NIF_TERM counter_add(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    Counter *counter;
    ErlNifSInt64 more, value;
    (void)argc;
    if (!enif_get_resource(env, argv[0], counter_type, (void **)&counter) || !enif_get_int64(env, argv[1], &more))
        return enif_make_badarg(env);
    enif_mutex_lock(counter->lock);
    value = counter->value += more;
    enif_mutex_unlock(counter->lock);
    return enif_make_int64(env, value);
}

static ErlNifFunc functions[] = {
    {"increment", 1, increment, 0},
    {"spin", 1, spin, 0},
    {"counter_new", 0, counter_new, 0},
    {"counter_add", 2, counter_add, 0},
};

ERL_NIF_INIT(cnif, functions, load, NULL, NULL, NULL)
