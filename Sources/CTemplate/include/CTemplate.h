// A C interface to the parts of ctemplate that the product uses: a cache of
// templates that is loaded once, dictionaries, and expansion into memory.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Every `name` is a literal: its bytes must stay as they are until the program
// ends. Values are copied.

typedef struct ctemplate_cache ctemplate_cache;
typedef struct ctemplate_dictionary ctemplate_dictionary;

/// ctemplate::TemplateCache
ctemplate_cache *ctemplate_cache_create(void);
void ctemplate_cache_destroy(ctemplate_cache *cache);

/// TemplateCache::StringToTemplateCache. False if the text is not well-formed.
bool ctemplate_cache_add(ctemplate_cache *cache, const char *name, const char *text, size_t text_length);

/// TemplateCache::Freeze: from now on no file is looked at again.
void ctemplate_cache_freeze(ctemplate_cache *cache);

/// A root dictionary; it owns every dictionary made under it.
ctemplate_dictionary *ctemplate_dictionary_create(void);
void ctemplate_dictionary_destroy(ctemplate_dictionary *root);

/// SetValue.
void ctemplate_dictionary_set(ctemplate_dictionary *dictionary, const char *name, size_t name_length,
                              const char *value, size_t value_length);
/// AddSectionDictionary.
ctemplate_dictionary *ctemplate_dictionary_add_section(ctemplate_dictionary *dictionary, const char *name,
                                                       size_t name_length);
/// ShowSection: for a section without values of its own.
void ctemplate_dictionary_show_section(ctemplate_dictionary *dictionary, const char *name, size_t name_length);
/// Receives the expanded text once; the bytes live as long as the call.
typedef void (*ctemplate_receiver)(void *context, const char *bytes, size_t length);

/// TemplateCache::ExpandNoLoad. False if a template is missing or malformed.
bool ctemplate_expand(const ctemplate_cache *cache, const char *file, const ctemplate_dictionary *dictionary,
                      ctemplate_receiver receive, void *context);

#ifdef __cplusplus
}
#endif
