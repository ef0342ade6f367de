/* The interface between glulam and its plugins. Made from vm/abi/src/functions.rs: not to be edited. */
#ifndef GLULAM_H
#define GLULAM_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t GlulamTerm;
#define GLULAM_NONE ((GlulamTerm)0x17)
typedef struct GlulamCall GlulamCall;
typedef struct GlulamType GlulamType;
typedef struct GlulamHeld GlulamHeld;
typedef struct { const uint8_t *data; size_t size; } GlulamBytes;
typedef struct { const GlulamTerm *data; size_t count; } GlulamTerms;
typedef GlulamTerm (*GlulamNative)(GlulamCall *call, int32_t count, const GlulamTerm *args);
typedef GlulamTerm (*GlulamStep)(GlulamCall *call, void *state);
typedef void (*GlulamDrop)(void *value);

enum { GLULAM_ATOM = 1, GLULAM_BITSTRING, GLULAM_FLOAT, GLULAM_FUN, GLULAM_INTEGER, GLULAM_LIST, GLULAM_MAP,
       GLULAM_PID, GLULAM_PORT, GLULAM_REFERENCE, GLULAM_TUPLE };
enum { GLULAM_SENT, GLULAM_DEAD, GLULAM_FULL };
enum { GLULAM_QUICK, GLULAM_LONG, GLULAM_BLOCKING };

typedef struct {
    uint32_t size;
    uint32_t version;
    /* What sort of term it is: one of `kind`; 0 for what has no sort. */
    uint32_t (*kind)(GlulamCall *call, GlulamTerm term);
    /* An integer that fits; 1 if it does. */
    uint32_t (*get_i64)(GlulamCall *call, GlulamTerm term, int64_t *to);
    uint32_t (*get_u64)(GlulamCall *call, GlulamTerm term, uint64_t *to);
    /* Any integer: the magnitude, least byte first, and 1 in `negative` if it is below 0. The bytes */
    /* live as long as the call. */
    uint32_t (*get_integer)(GlulamCall *call, GlulamTerm term, uint32_t *negative, GlulamBytes *to);
    /* A float; integers are none. */
    uint32_t (*get_f64)(GlulamCall *call, GlulamTerm term, double *to);
    /* The name of an atom, which lives for ever. */
    uint32_t (*get_atom)(GlulamCall *call, GlulamTerm term, GlulamBytes *to);
    /* The bytes of a binary where they lie. They live as long as the call. */
    uint32_t (*get_bytes)(GlulamCall *call, GlulamTerm term, GlulamBytes *to);
    /* The same of any iodata; what is a list is copied. */
    uint32_t (*get_iodata)(GlulamCall *call, GlulamTerm term, GlulamBytes *to);
    /* Head and tail of a list that is not empty. */
    uint32_t (*get_cons)(GlulamCall *call, GlulamTerm term, GlulamTerm *head, GlulamTerm *tail);
    /* The elements of a proper list. They live as long as the call. */
    uint32_t (*get_list)(GlulamCall *call, GlulamTerm term, GlulamTerms *to);
    /* The elements of a tuple where they lie. */
    uint32_t (*get_tuple)(GlulamCall *call, GlulamTerm term, GlulamTerms *to);
    /* The keys of a map, and in the same order its values. They live as long as the call. */
    uint32_t (*get_map)(GlulamCall *call, GlulamTerm term, GlulamTerms *keys, GlulamTerms *values);
    /* The value of a key; 0 if there is none. */
    uint32_t (*map_get)(GlulamCall *call, GlulamTerm map, GlulamTerm key, GlulamTerm *to);
    /* The order of terms: less than 0, 0 or more. */
    int32_t (*compare)(GlulamTerm a, GlulamTerm b);
    GlulamTerm (*make_i64)(GlulamCall *call, int64_t value);
    GlulamTerm (*make_u64)(GlulamCall *call, uint64_t value);
    /* The reverse of `get_integer`. */
    GlulamTerm (*make_integer)(GlulamCall *call, uint32_t negative, GlulamBytes magnitude);
    /* `NONE` if it is not finite. */
    GlulamTerm (*make_f64)(GlulamCall *call, double value);
    /* `NONE` if the name is no UTF-8 or longer than 255 characters, or no more atoms can be made. */
    GlulamTerm (*make_atom)(GlulamCall *call, GlulamBytes name);
    /* A binary: a copy. */
    GlulamTerm (*make_bytes)(GlulamCall *call, GlulamBytes bytes);
    /* A binary whose bytes the plugin writes before the call ends; `NONE` if there is no memory. */
    GlulamTerm (*make_buffer)(GlulamCall *call, size_t size, uint8_t **to);
    /* A binary of bytes that are the plugin's; `drop` is called with `owner` once no term needs them. */
    GlulamTerm (*make_shared)(GlulamCall *call, GlulamBytes bytes, void *owner, GlulamDrop drop);
    /* A part of a binary, sharing its bytes; `NONE` if it has no such part. */
    GlulamTerm (*make_part)(GlulamCall *call, GlulamTerm binary, size_t start, size_t size);
    /* A list; `NONE` as the tail stands for the empty list. */
    GlulamTerm (*make_list)(GlulamCall *call, GlulamTerms elements, GlulamTerm tail);
    GlulamTerm (*make_tuple)(GlulamCall *call, GlulamTerms elements);
    /* A map; `NONE` if a key is there twice or the counts differ. */
    GlulamTerm (*make_map)(GlulamCall *call, GlulamTerms keys, GlulamTerms values);
    /* A new reference. */
    GlulamTerm (*make_reference)(GlulamCall *call);
    /* A copy of any term that is valid now. */
    GlulamTerm (*copy)(GlulamCall *call, GlulamTerm term);
    /* The call raises `error:Reason`; what the native gives does not count then. In `load`: why not. */
    void (*raise)(GlulamCall *call, GlulamTerm reason);
    /* The process that calls; `NONE` in a message. */
    GlulamTerm (*self_pid)(GlulamCall *call);
    /* Reductions left in this time slice: a step that has used up what it found should end. */
    uint32_t (*budget)(GlulamCall *call);
    /* Charges reductions: some 4 are a microsecond of work. */
    void (*charge)(GlulamCall *call, uint32_t reductions);
    /* The native is not done: `step` is called in a later time slice, in place of what it gives now, and */
    /* `drop` with the state once the last step is done or the process has ended. */
    void (*again)(GlulamCall *call, void *state, GlulamStep step, GlulamDrop drop);
    /* A type of resources, by name; in `load` only. One that the plugin before had is taken over, with */
    /* its resources. Null if that is not possible. */
    GlulamType *(*open_type)(GlulamCall *call, GlulamBytes name, GlulamDrop drop);
    /* A resource: `value`, which `drop` of its type frees, until no term refers to it, `size` bytes of memory for the account of whoever */
    /* holds it. */
    GlulamTerm (*make_resource)(GlulamCall *call, GlulamType *of, void *value, size_t size);
    /* The value of a resource of this type. */
    uint32_t (*get_resource)(GlulamCall *call, GlulamTerm term, GlulamType *of, void **to);
    /* The bytes of a binary beyond the call, until `release` is called; null if it is none. */
    GlulamHeld *(*hold)(GlulamCall *call, GlulamTerm term, GlulamBytes *to);
    void (*release)(GlulamHeld *held);
    /* A binary of bytes that are held; takes over `held`. */
    GlulamTerm (*make_held)(GlulamCall *call, GlulamHeld *held);
    /* A place to build a message in, on any thread; ends with `send` or `message_free`. */
    GlulamCall *(*message_new)(void);
    void (*message_free)(GlulamCall *message);
    /* The process of this node that a term names: a number that is good on any thread, for ever. */
    uint32_t (*get_pid)(GlulamCall *call, GlulamTerm term, uint64_t *to);
    /* The reverse. */
    GlulamTerm (*make_pid)(GlulamCall *call, uint64_t pid);
    /* Sends, and ends the message unless the process is full: one of `sent`. With `most` not 0 it is full */
    /* when so many messages wait in its queue. */
    uint32_t (*send)(uint64_t to, GlulamCall *message, GlulamTerm term, uint32_t most);
    /* Tells the logger. */
    void (*log)(GlulamBytes text);
} GlulamTable;

#define GLULAM_VERSION 1

typedef struct { GlulamBytes name; uint32_t arity; uint32_t class_; GlulamNative run; } GlulamNativeEntry;

typedef struct GlulamState GlulamState;
struct GlulamState {
    size_t size; /* sizeof(GlulamState) */
    void *(*save)(GlulamState *state, GlulamBytes *to);
    GlulamDrop free;
};

typedef struct {
    uint32_t size; /* sizeof(GlulamPlugin) */
    uint32_t version; /* GLULAM_VERSION */
    uint32_t table_size; /* sizeof(GlulamTable) */
    uint32_t flags; /* 0 */
    GlulamBytes module;
    GlulamBytes capabilities;
    GlulamBytes built_with;
    const GlulamNativeEntry *natives;
    size_t native_count;
    void (*init)(const GlulamTable *table);
    int32_t (*load)(GlulamCall *call, GlulamTerm info, GlulamState *before, GlulamState **state);
    void (*unload)(GlulamState *state);
} GlulamPlugin;

/* What a plugin exports. */
const GlulamPlugin *glulam_plugin(void);

#endif
