/* pickle.h -- Python's pickles, data only.
 * Layer 2 (io). A pickle is a program that may call any function of the reader's Python. This reader calls nothing: it
 * stores a call's name and arguments if the name is in a short list, and refuses any other name. */
#pragma once

#include <reverie/error.h>

typedef enum {
  RV_PICKLE_NONE,
  RV_PICKLE_INTEGER, /* also True and False */
  RV_PICKLE_REAL,
  RV_PICKLE_TEXT,
  RV_PICKLE_SEQUENCE,   /* a tuple or a list */
  RV_PICKLE_DICT,       /* also collections.OrderedDict */
  RV_PICKLE_GLOBAL,     /* one of the allowed names, not called */
  RV_PICKLE_CALL,       /* call of an allowed name, with its arguments */
  RV_PICKLE_PERSISTENT, /* reference to data outside, by its identifier */
} RvPickleKind;

typedef struct _RvPickle RvPickle;
/* Value of a pickle. A pool owns it. */
struct _RvPickle {
  RvPickleKind kind;
  gint64 integer;
  double real;
  char *text;       /* text; name of a global or a call; else NULL */
  GPtrArray *items; /* elements, arguments, a persistent identifier, or keys and values alternately; may be NULL */
};

/* (transfer none) (nullable): the value of the first pickle in @data; calls nothing. *used: (out): length of the pickle
 * in bytes, set on success. The value and all that it refers to belong to @pool (rv__pickle_pool_new()), also after an
 * error, and keep nothing of @data; there may be cycles. @allowed: names "module.name" that it may contain,
 * NULL-terminated. @name: the file's, for messages. NULL with RV_ERROR_FORMAT: damaged, other names, or too many
 * values. */
RvPickle *rv__pickle_read (const guint8 *data, gsize size, gsize *used, const char *const *allowed, GPtrArray *pool,
                           const char *name, GError **error);

/* (transfer full) (element-type RvPickle): an empty pool that owns the values that rv__pickle_read() puts into it.
 * g_ptr_array_unref() frees the pool and all its values. */
GPtrArray *rv__pickle_pool_new (void);

/* (transfer none) (nullable): item @i, from 0, of @value (nullable): an element, an argument, or of a dict keys and
 * values alternately. NULL: past the end, or a kind without items. Belongs to the pool. */
RvPickle *rv__pickle_item (const RvPickle *value, guint i);
/* (transfer none) (nullable): the value of the first key in @dict (nullable) that is the text @key. Belongs to the
 * pool. NULL: there is none, or @dict is no RV_PICKLE_DICT. */
RvPickle *rv__pickle_member (const RvPickle *dict, const char *key);
/* Whether @value has this kind and, unless @text is NULL, this text. FALSE if @value is NULL. @text may be given only
 * for kinds that always have a text: TEXT, GLOBAL, CALL. */
gboolean rv__pickle_is (const RvPickle *value, RvPickleKind kind, const char *text);
