/* stored-zip.h -- zip archives without compression, in memory.
 * Layer 2 (io). A library would copy each member; here tensors stay in the mapped file. */
#ifndef RV_STORED_ZIP_H
#define RV_STORED_ZIP_H

#include <glib.h>

typedef struct {
  gsize start, size; /* in the archive */
} RvZipMember;

/* (transfer full) (nullable) (element-type utf8 RvZipMember): the archive's members by name, all inside @data; free
 * with g_hash_table_unref(). NULL with *problem, a short static text (else undefined). Compressed or encrypted members
 * are a problem. */
GHashTable *rv__stored_zip_open (const guint8 *data, gsize size, const char **problem);

#endif
