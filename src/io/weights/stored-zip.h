/* stored-zip.h -- zip archives whose members are stored as they are, in memory.
 * Layer 2 (io). A library would copy each member; so tensors stay in the mapped file, whatever its size. */
#ifndef RV_STORED_ZIP_H
#define RV_STORED_ZIP_H

#include <glib.h>

typedef struct {
  gsize start, size; /* within the archive */
} RvZipMember;

/* rv__stored_zip_open: (transfer full) (nullable) (element-type utf8 RvZipMember): the archive's members by name; free
 * with g_hash_table_unref(). NULL with *problem, a few static words. Compressed and encrypted members are a problem. */
GHashTable *rv__stored_zip_open (const guint8 *data, gsize size, const char **problem);

#endif
