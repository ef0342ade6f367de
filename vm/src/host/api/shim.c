/* What Rust can't define: functions with a variable number of arguments, and threads that end by
 * pthread_exit, which no frame of Rust's may stand under. */

#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uintptr_t Term;

Term enif_make_tuple_from_array(void *env, const Term *elements, unsigned count);
Term enif_make_list_from_array(void *env, const Term *elements, unsigned count);
/* The text of a term, as "%T" shows it: what `snprintf` would do. */
int glulam_format_term(char *to, size_t room, Term term);

enum { NEAR = 32 };

#define FROM_ARGUMENTS(make)                                                             \
    Term near[NEAR];                                                                     \
    Term *elements = count <= NEAR ? near : malloc(count * sizeof(Term));                \
    va_list arguments;                                                                   \
    va_start(arguments, count);                                                          \
    for (unsigned i = 0; i < count; i++)                                                 \
        elements[i] = va_arg(arguments, Term);                                           \
    va_end(arguments);                                                                   \
    Term made = make(env, elements, count);                                              \
    if (elements != near)                                                                \
        free(elements);                                                                  \
    return made

Term enif_make_tuple(void *env, unsigned count, ...) { FROM_ARGUMENTS(enif_make_tuple_from_array); }

Term enif_make_list(void *env, unsigned count, ...) { FROM_ARGUMENTS(enif_make_list_from_array); }

/* Formatting: C's conversions, and "%T" for a term. */

typedef struct {
    char *at; /* may be null, with no room */
    size_t room;
    size_t length; /* of all text, what had no room included */
} Text;

static char *rest(Text *text) { return text->length < text->room ? text->at + text->length : NULL; }

static size_t rest_room(Text *text) { return text->length < text->room ? text->room - text->length : 0; }

static void took(Text *text, int length) {
    if (length > 0)
        text->length += (size_t)length;
}

static void put(Text *text, char c) {
    if (text->length + 1 < text->room) {
        text->at[text->length] = c;
        text->at[text->length + 1] = 0;
    }
    text->length++;
}

#define CONVERT(type) took(text, snprintf(rest(text), rest_room(text), spec, va_arg(*arguments, type)))

static void convert(Text *text, const char *spec, char size, char kind, va_list *arguments) {
    switch (kind) {
    case 'd': case 'i': case 'o': case 'u': case 'x': case 'X': case 'c':
        switch (size) {
        case 'l': CONVERT(long); break;
        case 'q': CONVERT(long long); break;
        case 'z': case 't': CONVERT(size_t); break;
        case 'j': CONVERT(intmax_t); break;
        default: CONVERT(int);
        }
        break;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A':
        if (size == 'L') CONVERT(long double); else CONVERT(double);
        break;
    case 's': case 'p': CONVERT(void *); break;
    }
}

static int format(char *to, size_t room, const char *format, va_list *arguments) {
    Text all = {to, room, 0}, *text = &all;
    if (room > 0)
        to[0] = 0;
    while (*format) {
        if (*format != '%') {
            put(text, *format++);
            continue;
        }
        /* Flags, width and precision as they stand, with numbers for stars. */
        char spec[64] = "%", size = 0;
        size_t n = 1;
        format++;
        for (; *format && strchr("-+ #0123456789.*", *format) && n < 40; format++) {
            if (*format == '*')
                n += (size_t)snprintf(spec + n, 12, "%d", va_arg(*arguments, int));
            else
                spec[n++] = *format;
        }
        for (; *format && strchr("hlqLzjt", *format) && n < 60; format++) {
            size = size == 'l' && *format == 'l' ? 'q' : *format;
            spec[n++] = *format;
        }
        char kind = *format;
        if (!kind)
            break;
        format++;
        spec[n++] = kind;
        spec[n] = 0;
        if (kind == '%')
            put(text, '%');
        else if (kind == 'T')
            took(text, glulam_format_term(rest(text), rest_room(text), va_arg(*arguments, Term)));
        else
            convert(text, spec, size, kind, arguments);
    }
    return (int)text->length;
}

int enif_vsnprintf(char *to, size_t room, const char *text, va_list given) {
    va_list arguments;
    va_copy(arguments, given);
    int length = format(to, room, text, &arguments);
    va_end(arguments);
    return length;
}

int enif_snprintf(char *to, size_t room, const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    int length = enif_vsnprintf(to, room, text, arguments);
    va_end(arguments);
    return length;
}

int enif_vfprintf(FILE *file, const char *text, va_list arguments) {
    char near[256], *all = near;
    int length = enif_vsnprintf(near, sizeof near, text, arguments);
    if ((size_t)length >= sizeof near) {
        all = malloc((size_t)length + 1);
        if (!all)
            return -1;
        enif_vsnprintf(all, (size_t)length + 1, text, arguments);
    }
    size_t written = fwrite(all, 1, (size_t)length, file);
    if (all != near)
        free(all);
    return written == (size_t)length ? length : -1;
}

int enif_fprintf(FILE *file, const char *text, ...) {
    va_list arguments;
    va_start(arguments, text);
    int length = enif_vfprintf(file, text, arguments);
    va_end(arguments);
    return length;
}

/* Threads. */

typedef struct {
    pthread_t thread;
    char *name;
    void *(*run)(void *);
    void *argument;
} Thread;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t mine;

static void make_key(void) { pthread_key_create(&mine, NULL); }

static void *start(void *at) {
    Thread *thread = at;
    thread->thread = pthread_self();
    pthread_setspecific(mine, thread);
    return thread->run(thread->argument);
}

int enif_thread_create(char *name, Thread **to, void *(*run)(void *), void *argument, int *options) {
    pthread_once(&once, make_key);
    Thread *thread = calloc(1, sizeof(Thread));
    if (!thread)
        return 12;
    thread->name = name ? strdup(name) : NULL;
    thread->run = run;
    thread->argument = argument;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (options && *options > 0) {
        /* In kilowords. */
        size_t size = (size_t)*options * 1024 * sizeof(void *);
        pthread_attr_setstacksize(&attributes, size < 65536 ? 65536 : (size + 4095) & ~(size_t)4095);
    }
    pthread_t id;
    int failed = pthread_create(&id, &attributes, start, thread);
    pthread_attr_destroy(&attributes);
    if (failed) {
        free(thread->name);
        free(thread);
        return failed;
    }
    thread->thread = id;
    *to = thread;
    return 0;
}

Thread *enif_thread_self(void) {
    pthread_once(&once, make_key);
    Thread *thread = pthread_getspecific(mine);
    if (!thread) {
        /* A thread of the runtime's: it lives as long as that. */
        thread = calloc(1, sizeof(Thread));
        thread->thread = pthread_self();
        pthread_setspecific(mine, thread);
    }
    return thread;
}

int enif_equal_tids(Thread *a, Thread *b) { return a == b; }

void enif_thread_exit(void *result) { pthread_exit(result); }

int enif_thread_join(Thread *thread, void **result) {
    int failed = pthread_join(thread->thread, result);
    if (!failed) {
        free(thread->name);
        free(thread);
    }
    return failed;
}

char *enif_thread_name(Thread *thread) { return thread->name; }
