/* pickle.h -- Python's pickles, of data only.
 * Layer 2 (io). A pickle is a program that may call any function of the reader's Python. Here nothing is ever called: a
 * callable's name is looked up in a short list, what it is called with is kept, and any other name is refused. */
#ifndef RV_PICKLE_H
#define RV_PICKLE_H

#include <reverie/error.h>

typedef enum {
  RV_PICKLE_NONE,
  RV_PICKLE_INTEGER, /* also True and False */
  RV_PICKLE_REAL,
  RV_PICKLE_TEXT,
  RV_PICKLE_SEQUENCE,   /* a tuple or a list */
  RV_PICKLE_DICT,       /* also collections.OrderedDict */
  RV_PICKLE_GLOBAL,     /* one of the allowed names, not called */
  RV_PICKLE_CALL,       /* one of them, and what it was to be called with */
  RV_PICKLE_PERSISTENT, /* something kept outside, by its identifier */
} RvPickleKind;

typedef struct _RvPickle RvPickle;
struct _RvPickle {
  RvPickleKind kind;
  gint64 integer;
  double real;
  char *text;       /* of a text; the name of a global or a call; else NULL */
  GPtrArray *items; /* of a sequence; arguments; an identifier's one; keys and values of a dict in turn; may be NULL */
};

/* rv__pickle_read: (transfer none) (nullable): what the pickle at @data leaves; *used: its length in bytes. It belongs
 * to
 * @pool, from rv__pickle_pool_new(), with all that it refers to, which may be itself. @allowed: names "module.name",
 * NULL-terminated. @name is the file's, for messages. RV_ERROR_FORMAT. */
RvPickle *rv__pickle_read (const guint8 *data, gsize size, gsize *used, const char *const *allowed, GPtrArray *pool,
                           const char *name, GError **error);

/* rv__pickle_pool_new: (transfer full): free with g_ptr_array_unref(). */
GPtrArray *rv__pickle_pool_new (void);

/* rv__pickle_item: item @i of a value; NULL when there are not so many, or it has none. */
RvPickle *rv__pickle_item (const RvPickle *value, guint i);
/* rv__pickle_member: the value of a dict's @key; NULL: there is none, or it is no dict. */
RvPickle *rv__pickle_member (const RvPickle *dict, const char *key);
gboolean rv__pickle_is (const RvPickle *value, RvPickleKind kind, const char *text);

#endif
