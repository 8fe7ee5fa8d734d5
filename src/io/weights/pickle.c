/* pickle.c -- a pickle machine for data, protocols 2 to 5.
 *
 * It has a stack with marks, and a memo of numbered values; each opcode pops and pushes values (Python's
 * Lib/pickletools.py). All values belong to one pool, which also frees cycles. The number of values is bounded, for any
 * file. */
#include "pickle.h"
#include "base/error.h"
#include "format.h"
#include <string.h>

#define KIND "a PyTorch weights file"
#define MAX_VALUES 2000000 /* a state dict has about thirty per tensor */

typedef struct {
  const guint8 *data;
  gsize size, at;
  const char *const *allowed;
  const char *name;
  GPtrArray *pool, *stack;
  GArray *marks; /* stack heights */
  GHashTable *memo;
  guint n_pairs; /* pairs of all dicts made from lists: many dicts may share a list */
  GError **error;
} Machine;

/* Sets machine->error to RV_ERROR_FORMAT. Returns FALSE. */
#define refuse(machine, ...) rv__weights_damaged ((machine)->name, KIND, (machine)->error, __VA_ARGS__)

/* ---- values ------------------------------------------------------------------------------------------------------ */

static void
value_free (gpointer data)
{
  RvPickle *value = data;
  g_free (value->text);
  if (value->items)
    g_ptr_array_unref (value->items);
  g_free (value);
}

GPtrArray *
rv__pickle_pool_new (void)
{
  return g_ptr_array_new_with_free_func (value_free);
}

RvPickle *
rv__pickle_item (const RvPickle *value, guint i)
{
  return value && value->items && i < value->items->len ? value->items->pdata[i] : NULL;
}

gboolean
rv__pickle_is (const RvPickle *value, RvPickleKind kind, const char *text)
{
  return value && value->kind == kind && (!text || strcmp (value->text, text) == 0);
}

RvPickle *
rv__pickle_member (const RvPickle *dict, const char *key)
{
  if (!rv__pickle_is (dict, RV_PICKLE_DICT, NULL))
    return NULL;
  for (guint i = 0; dict->items && i + 1 < dict->items->len; i += 2)
    if (rv__pickle_is (dict->items->pdata[i], RV_PICKLE_TEXT, key))
      return dict->items->pdata[i + 1];
  return NULL;
}

/* Appends @item to value->items, which it creates if needed. Both stay owned by the pool. */
static void
append (RvPickle *value, RvPickle *item)
{
  if (!value->items)
    value->items = g_ptr_array_new ();
  g_ptr_array_add (value->items, item);
}

/* (transfer none) (nullable): a new value of @kind, in the pool and on the stack. RV_ERROR_FORMAT above MAX_VALUES. */
static RvPickle *
push_new (Machine *machine, RvPickleKind kind)
{
  if (machine->pool->len >= MAX_VALUES)
    return rv__null (refuse (machine, "its pickle has more than %d values", MAX_VALUES));
  RvPickle *value = g_new0 (RvPickle, 1);
  value->kind = kind;
  g_ptr_array_add (machine->pool, value);
  g_ptr_array_add (machine->stack, value);
  return value;
}

/* (transfer none) (nullable): the last value above the last mark; NULL without an error if there is none. */
static RvPickle *
top (const Machine *machine)
{
  guint height = machine->marks->len ? g_array_index (machine->marks, guint, machine->marks->len - 1) : 0;
  return machine->stack->len > height ? machine->stack->pdata[machine->stack->len - 1] : NULL;
}

/* (transfer none) (nullable): removes and returns the value top(). RV_ERROR_FORMAT: there is none. */
static RvPickle *
pop (Machine *machine)
{
  RvPickle *value = top (machine);
  if (value)
    g_ptr_array_set_size (machine->stack, (int) machine->stack->len - 1);
  else
    refuse (machine, "its pickle uses values that are not on its stack");
  return value;
}

/* ---- numbers and texts ------------------------------------------------------------------------------------------- */

/* Returns the next @n bytes, borrowed, and skips them. NULL, RV_ERROR_FORMAT: the file ends before. */
static const guint8 *
read_bytes (Machine *machine, gsize n)
{
  if (n > machine->size - machine->at)
    return rv__null (refuse (machine, "its pickle is cut short"));
  machine->at += n;
  return machine->data + machine->at - n;
}

/* Reads an unsigned little-endian number of @n bytes, at most 8. RV_ERROR_FORMAT at the end of the file. */
static gboolean
read_number (Machine *machine, gsize n, guint64 *number)
{
  const guint8 *bytes = read_bytes (machine, n);
  *number = 0;
  for (gsize i = 0; bytes && i < n; i++)
    *number |= (guint64) bytes[i] << (8 * i);
  return bytes != NULL;
}

/* Pushes @integer. RV_ERROR_FORMAT above MAX_VALUES. */
static gboolean
push_integer (Machine *machine, gint64 integer)
{
  RvPickle *value = push_new (machine, RV_PICKLE_INTEGER);
  if (value)
    value->integer = integer;
  return value != NULL;
}

/* Reads and pushes a little-endian number of 1 or 2 bytes, unsigned, or 4, signed. RV_ERROR_FORMAT. */
static gboolean
push_number (Machine *machine, gsize n)
{
  guint64 number;
  return read_number (machine, n, &number) && push_integer (machine, n == 4 ? (gint32) number : (gint64) number);
}

/* Reads and pushes a number of up to 255 bytes, in two's complement. Numbers of more than 8 bytes become 0: no size is
 * that large. RV_ERROR_FORMAT. */
static gboolean
push_long (Machine *machine)
{
  guint64 length, number = 0;
  const guint8 *bytes = read_number (machine, 1, &length) ? read_bytes (machine, (gsize) length) : NULL;
  if (!bytes)
    return FALSE;
  for (gsize i = 0; length <= 8 && i < 8; i++)
    number |= (guint64) (i < length ? bytes[i] : length && bytes[length - 1] & 0x80 ? 0xFF : 0) << (8 * i);
  return push_integer (machine, (gint64) number);
}

/* Reads eight big-endian bytes and pushes them as a double. RV_ERROR_FORMAT. */
static gboolean
push_real (Machine *machine)
{
  const guint8 *bytes = read_bytes (machine, 8);
  RvPickle *value = bytes ? push_new (machine, RV_PICKLE_REAL) : NULL;
  guint64 bits = 0;
  for (int i = 0; value && i < 8; i++)
    bits = bits << 8 | bytes[i];
  if (value)
    memcpy (&value->real, &bits, sizeof bits);
  return value != NULL;
}

/* (transfer full) (nullable): a copy of @bytes (nullable), zero-terminated. NULL: no bytes; RV_ERROR_FORMAT: no
 * UTF-8. */
static char *
plain_text (Machine *machine, const guint8 *bytes, gsize length)
{
  if (bytes && g_utf8_validate ((const char *) bytes, (gssize) length, NULL))
    return g_strndup ((const char *) bytes, length);
  if (bytes)
    refuse (machine, "a name in its pickle is not text");
  return NULL;
}

/* Reads and pushes a text that follows its length of @n bytes. RV_ERROR_FORMAT. */
static gboolean
push_text (Machine *machine, gsize n)
{
  guint64 length;
  const guint8 *bytes = read_number (machine, n, &length) ? read_bytes (machine, (gsize) length) : NULL;
  g_autofree char *text = plain_text (machine, bytes, (gsize) length);
  RvPickle *value = text ? push_new (machine, RV_PICKLE_TEXT) : NULL;
  if (value)
    value->text = g_steal_pointer (&text);
  return value != NULL;
}

/* ---- containers -------------------------------------------------------------------------------------------------- */

/* Adds a mark at the present height of the stack. RV_ERROR_FORMAT above MAX_VALUES marks. */
static gboolean
set_mark (Machine *machine)
{
  if (machine->marks->len >= MAX_VALUES)
    return refuse (machine, "its pickle has more than %d marks", MAX_VALUES);
  g_array_append_val (machine->marks, machine->stack->len);
  return TRUE;
}

/* Removes the last mark; *height: its height. RV_ERROR_FORMAT if there is none. */
static gboolean
pop_mark (Machine *machine, guint *height)
{
  if (machine->marks->len == 0)
    return refuse (machine, "its pickle uses values that are not on its stack");
  *height = g_array_index (machine->marks, guint, machine->marks->len - 1);
  g_array_set_size (machine->marks, machine->marks->len - 1);
  return TRUE;
}

/* Replaces the values of the stack from index @from on by one tuple of them. RV_ERROR_FORMAT above MAX_VALUES. */
static gboolean
make_tuple (Machine *machine, guint from)
{
  guint end = machine->stack->len;
  RvPickle *tuple = push_new (machine, RV_PICKLE_SEQUENCE);
  if (!tuple)
    return FALSE;
  for (guint i = from; i < end; i++)
    append (tuple, machine->stack->pdata[i]);
  g_ptr_array_set_size (machine->stack, (int) from);
  g_ptr_array_add (machine->stack, tuple);
  return TRUE;
}

/* Replaces the last @n values above the last mark by one tuple of them. RV_ERROR_FORMAT: there are fewer. */
static gboolean
make_small_tuple (Machine *machine, guint n)
{
  guint height = machine->marks->len ? g_array_index (machine->marks, guint, machine->marks->len - 1) : 0;
  if (machine->stack->len < height + n)
    return refuse (machine, "its pickle uses values that are not on its stack");
  return make_tuple (machine, machine->stack->len - n);
}

/* Moves the values of the stack from index @from on into the list or dict, of @kind, below them. RV_ERROR_FORMAT for
 * another kind, or an odd number for a dict. */
static gboolean
move_into (Machine *machine, guint from, RvPickleKind kind)
{
  guint n = machine->stack->len - from;
  guint floor = machine->marks->len ? g_array_index (machine->marks, guint, machine->marks->len - 1) : 0;
  RvPickle *into = from > floor ? machine->stack->pdata[from - 1] : NULL;
  if (!rv__pickle_is (into, kind, NULL) || (kind == RV_PICKLE_DICT && n % 2 != 0))
    return refuse (machine, "its pickle adds items to a value that is not a list or dict");
  for (guint i = 0; i < n; i++)
    append (into, machine->stack->pdata[from + i]);
  g_ptr_array_set_size (machine->stack, (int) from);
  return TRUE;
}

/* Removes the last mark, and moves the values above it into the list or dict, of @kind, below it. RV_ERROR_FORMAT. */
static gboolean
move_marked (Machine *machine, RvPickleKind kind)
{
  guint from = 0;
  return pop_mark (machine, &from) && move_into (machine, from, kind);
}

/* Moves the last @n values into the list or dict, of @kind, below them. RV_ERROR_FORMAT: there are fewer, or another
 * kind. */
static gboolean
move_last (Machine *machine, guint n, RvPickleKind kind)
{
  if (machine->stack->len < n)
    return refuse (machine, "its pickle uses values that are not on its stack");
  return move_into (machine, machine->stack->len - n, kind);
}

/* ---- callables --------------------------------------------------------------------------------------------------- */

/* Pushes the name "module.name" (RV_PICKLE_GLOBAL) if machine->allowed has it; calls nothing. FALSE with
 * RV_ERROR_FORMAT: another name, or more than MAX_VALUES values. */
static gboolean
push_global (Machine *machine, const char *module, const char *name)
{
  g_autofree char *full = g_strconcat (module, ".", name, NULL);
  if (!g_strv_contains (machine->allowed, full)) {
    g_autofree char *shown = g_strescape (full, NULL);
    return rv__error_set (
      machine->error, RV_ERROR_FORMAT,
      "%s contains '%.100s', which tensors do not need; none of it was run. Save the state_dict() of the model",
      machine->name, shown);
  }
  RvPickle *value = push_new (machine, RV_PICKLE_GLOBAL);
  if (value)
    value->text = g_steal_pointer (&full);
  return value != NULL;
}

/* (transfer full) (nullable): the text up to the next line feed, which it skips. RV_ERROR_FORMAT. */
static char *
read_line (Machine *machine)
{
  const guint8 *from = machine->data + machine->at;
  const guint8 *end = memchr (from, '\n', machine->size - machine->at);
  if (!end)
    return rv__null (refuse (machine, "its pickle is cut short"));
  machine->at += (gsize) (end - from) + 1;
  return plain_text (machine, from, (gsize) (end - from));
}

/* Reads two lines, a module and a name, and pushes them by push_global(). RV_ERROR_FORMAT. */
static gboolean
push_named_global (Machine *machine)
{
  g_autofree char *module = read_line (machine), *name = module ? read_line (machine) : NULL;
  return name && push_global (machine, module, name);
}

/* Pops a name and below it a module, both texts, and pushes them by push_global(). RV_ERROR_FORMAT. */
static gboolean
push_stacked_global (Machine *machine)
{
  const RvPickle *name = pop (machine), *module = name ? pop (machine) : NULL;
  if (!module)
    return FALSE;
  if (name->kind != RV_PICKLE_TEXT || module->kind != RV_PICKLE_TEXT)
    return refuse (machine, "a callable's name in its pickle is not text");
  return push_global (machine, module->text, name->text);
}

/* Appends the keys and values of @pairs (nullable), a list of pairs, to @dict: Python 2 writes an OrderedDict as a call
 * with this list. RV_ERROR_FORMAT for other items, and above MAX_VALUES in all dicts. */
static gboolean
fill_from_pairs (Machine *machine, RvPickle *dict, const RvPickle *pairs)
{
  if (pairs && pairs->kind != RV_PICKLE_SEQUENCE)
    return refuse (machine, "a dict in its pickle has items that are not pairs");
  for (guint i = 0; pairs && pairs->items && i < pairs->items->len; i++) {
    RvPickle *key = rv__pickle_item (pairs->items->pdata[i], 0), *value = rv__pickle_item (pairs->items->pdata[i], 1);
    if (!key || !value || ++machine->n_pairs > MAX_VALUES)
      return refuse (machine, "a dict in its pickle has an item that is not a pair, or too many items");
    append (dict, key);
    append (dict, value);
  }
  return TRUE;
}

/* Pops arguments and an allowed name, and pushes their call as a value (RV_PICKLE_CALL); calls nothing. A call of
 * OrderedDict becomes a dict with the pairs of its first argument. Sets the machine's error, RV_ERROR_FORMAT, for other
 * values, an empty stack, or more values than a pickle may have. */
static gboolean
push_call (Machine *machine)
{
  RvPickle *args = pop (machine), *callable = args ? pop (machine) : NULL;
  if (!callable)
    return FALSE;
  if (callable->kind != RV_PICKLE_GLOBAL || args->kind != RV_PICKLE_SEQUENCE)
    return refuse (machine, "its pickle calls a value that is not callable");
  gboolean is_dict = strcmp (callable->text, "collections.OrderedDict") == 0;
  RvPickle *value = push_new (machine, is_dict ? RV_PICKLE_DICT : RV_PICKLE_CALL);
  if (!value)
    return FALSE;
  if (is_dict)
    return fill_from_pairs (machine, value, rv__pickle_item (args, 0));
  value->text = g_strdup (callable->text);
  value->items = args->items ? g_ptr_array_ref (args->items) : NULL;
  return TRUE;
}

/* Pops a persistent identifier and pushes a value with it; the caller of rv__pickle_read() resolves it. */
static gboolean
push_persistent (Machine *machine)
{
  RvPickle *id = pop (machine), *value = id ? push_new (machine, RV_PICKLE_PERSISTENT) : NULL;
  if (value)
    append (value, id);
  return value != NULL;
}

/* Pops and ignores an object's attributes, which tensors do not need. RV_ERROR_FORMAT unless a dict or a call is below
 * them. */
static gboolean
drop_state (Machine *machine)
{
  if (!pop (machine))
    return FALSE;
  const RvPickle *object = top (machine);
  return (object && (object->kind == RV_PICKLE_DICT || object->kind == RV_PICKLE_CALL)) ||
         refuse (machine, "its pickle sets attributes of a value that has none");
}

/* ---- memo -------------------------------------------------------------------------------------------------------- */

/* Stores the value top() in the memo under @key; it stays on the stack. RV_ERROR_FORMAT: there is none, or the memo has
 * MAX_VALUES. */
static gboolean
memo_put (Machine *machine, guint64 key)
{
  RvPickle *value = top (machine);
  if (!value)
    return refuse (machine, "its pickle uses values that are not on its stack");
  if (g_hash_table_size (machine->memo) >= MAX_VALUES)
    return refuse (machine, "its pickle has more than %d values", MAX_VALUES);
  g_hash_table_insert (machine->memo, GUINT_TO_POINTER ((guint) key), value);
  return TRUE;
}

/* Pushes the stored value of number @key. RV_ERROR_FORMAT if it is missing or the stack has MAX_VALUES. */
static gboolean
memo_get (Machine *machine, guint64 key)
{
  RvPickle *value = g_hash_table_lookup (machine->memo, GUINT_TO_POINTER ((guint) key));
  if (!value)
    return refuse (machine, "its pickle refers to a missing value");
  if (machine->stack->len >= MAX_VALUES)
    return refuse (machine, "its pickle has more than %d values", MAX_VALUES);
  g_ptr_array_add (machine->stack, value);
  return TRUE;
}

/* Reads a key of @key_bytes bytes, little-endian, and calls @what, memo_put() or memo_get(), with it. FALSE with
 * RV_ERROR_FORMAT in machine->error: the file ends before, or @what failed. */
static gboolean
use_memo (Machine *machine, gsize key_bytes, gboolean (*what) (Machine *machine, guint64 key))
{
  guint64 key;
  return read_number (machine, key_bytes, &key) && what (machine, key);
}

/* ---- the machine ------------------------------------------------------------------------------------------------- */

enum { PROTO = 0x80, FRAME = 0x95, STOP = '.', MARK = '(', NONE = 'N', NEWTRUE = 0x88, NEWFALSE = 0x89 };
enum { BININT = 'J', BININT1 = 'K', BININT2 = 'M', LONG1 = 0x8a, BINFLOAT = 'G' };
enum { BINUNICODE = 'X', SHORT_BINUNICODE = 0x8c, BINSTRING = 'T', SHORT_BINSTRING = 'U' };
enum { EMPTY_LIST = ']', EMPTY_TUPLE = ')', EMPTY_DICT = '}' };
enum { TUPLE = 't', TUPLE1 = 0x85, TUPLE2 = 0x86, TUPLE3 = 0x87 };
enum { APPEND = 'a', APPENDS = 'e', SETITEM = 's', SETITEMS = 'u' };
enum { GLOBAL = 'c', STACK_GLOBAL = 0x93, REDUCE = 'R', BUILD = 'b', BINPERSID = 'Q' };
enum { BINPUT = 'q', LONG_BINPUT = 'r', MEMOIZE = 0x94, BINGET = 'h', LONG_BINGET = 'j' };

/* Carries out @opcode, any but STOP: reads its operands from machine->data, then changes stack, marks and memo. FALSE
 * with RV_ERROR_FORMAT in machine->error: cut short, wrong operands, a name that is not allowed, too many values, or an
 * opcode that tensors do not need. */
static gboolean
run_opcode (Machine *machine, guint8 opcode)
{
  guint from = 0;
  switch (opcode) {
  case PROTO:
    return read_bytes (machine, 1) != NULL;
  case FRAME:
    return read_bytes (machine, 8) != NULL;
  case MARK:
    return set_mark (machine);
  case NONE:
    return push_new (machine, RV_PICKLE_NONE) != NULL;
  case NEWTRUE:
  case NEWFALSE:
    return push_integer (machine, opcode == NEWTRUE);
  case BININT:
    return push_number (machine, 4);
  case BININT1:
    return push_number (machine, 1);
  case BININT2:
    return push_number (machine, 2);
  case LONG1:
    return push_long (machine);
  case BINFLOAT:
    return push_real (machine);
  case BINUNICODE:
  case BINSTRING:
    return push_text (machine, 4);
  case SHORT_BINUNICODE:
  case SHORT_BINSTRING:
    return push_text (machine, 1);
  case EMPTY_LIST:
  case EMPTY_TUPLE:
    return push_new (machine, RV_PICKLE_SEQUENCE) != NULL;
  case EMPTY_DICT:
    return push_new (machine, RV_PICKLE_DICT) != NULL;
  case TUPLE:
    return pop_mark (machine, &from) && make_tuple (machine, from);
  case TUPLE1:
  case TUPLE2:
  case TUPLE3:
    return make_small_tuple (machine, opcode - TUPLE1 + 1u);
  case APPEND:
    return move_last (machine, 1, RV_PICKLE_SEQUENCE);
  case APPENDS:
    return move_marked (machine, RV_PICKLE_SEQUENCE);
  case SETITEM:
    return move_last (machine, 2, RV_PICKLE_DICT);
  case SETITEMS:
    return move_marked (machine, RV_PICKLE_DICT);
  case GLOBAL:
    return push_named_global (machine);
  case STACK_GLOBAL:
    return push_stacked_global (machine);
  case REDUCE:
    return push_call (machine);
  case BUILD:
    return drop_state (machine);
  case BINPERSID:
    return push_persistent (machine);
  case BINPUT:
    return use_memo (machine, 1, memo_put);
  case LONG_BINPUT:
    return use_memo (machine, 4, memo_put);
  case MEMOIZE:
    return memo_put (machine, g_hash_table_size (machine->memo));
  case BINGET:
    return use_memo (machine, 1, memo_get);
  case LONG_BINGET:
    return use_memo (machine, 4, memo_get);
  default:
    return refuse (machine, "its pickle uses opcode 0x%02x, which tensors do not need", opcode);
  }
}

RvPickle *
rv__pickle_read (const guint8 *data, gsize size, gsize *used, const char *const *allowed, GPtrArray *pool,
                 const char *name, GError **error)
{
  g_autoptr (GPtrArray) stack = g_ptr_array_new ();
  g_autoptr (GArray) marks = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GHashTable) memo = g_hash_table_new (NULL, NULL);
  Machine machine = { data, size, 0, allowed, name, pool, stack, marks, memo, 0, error };
  for (;;) {
    const guint8 *opcode = read_bytes (&machine, 1);
    if (!opcode)
      return NULL;
    if (*opcode == STOP)
      break;
    if (!run_opcode (&machine, *opcode))
      return NULL;
  }
  *used = machine.at;
  if (stack->len == 1 && marks->len == 0)
    return stack->pdata[0];
  return rv__null (refuse (&machine, "its pickle ends with %u values", stack->len));
}
