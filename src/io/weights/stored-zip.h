/* stored-zip.h -- zip archives without compression, in memory.
 * Layer 2 (io). A library would copy each member; here tensors stay in the mapped file. */
#pragma once

#include <glib.h>

typedef struct {
  gsize start, size; /* in the archive */
} RvZipMember;

/* Whether @data is an archive and its last 64 KB, which hold the directory of a small one, contain @name. */
gboolean rv__stored_zip_may_have (const guint8 *data, gsize size, const char *name);
/* (transfer full) (nullable) (element-type utf8 RvZipMember): positions of the archive's members, all inside @data, by
 * name, without those that are compressed or encrypted; free with g_hash_table_unref(). It may be empty. NULL: damaged.
 * *problem: (out) (nullable): a short static text: the damage, or that members are left out; NULL: neither. */
GHashTable *rv__stored_zip_open (const guint8 *data, gsize size, const char **problem);
