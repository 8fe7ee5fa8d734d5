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
 * name; free with g_hash_table_unref(). It may be empty. NULL: damaged, or a member is compressed or encrypted;
 * *problem: (out): a short static text, undefined on success. */
GHashTable *rv__stored_zip_open (const guint8 *data, gsize size, const char **problem);
