"""What the server says in each case of test_errors.py, or the part of it that is the same each time.

Its own source has them: tensor_search/validation.py and models, core/search, core/models, api/models. Where a body
does not fit a type they are pydantic's, which the server sends in `detail`, and here stand in `message` too.
"""

WORDS: dict[str, str] = {
    "a name that no index can have": (
        '"1st" is not a valid index name. Index name must match [a-zA-Z_-][a-zA-Z0-9_-]* '
    ),
    "a setting of the other kind of index": "allFields is not a valid parameter for unstructured indexes",
    "both kinds of headers": "Cannot set both imageDownloadHeaders and mediaDownloadHeaders. ",
    "mappings that cannot be": "Error validating mappings object. Reason: ",
    "a combination that is no tensor field": "Multimodal field both must be a tensor field",
    "a filter that cannot be read": (
        "\nError parsing filter: color:red AND\n                                ^\nat position 10: "
        "Expected term or expression, but found AND"
    ),
    "an unknown model": (
        "Could not find model properties for model=nobody/made-this. Please check that the model name is "
        "correct. Please provide model_properties if the model is a custom model and is not supported by "
        "default"
    ),
    "properties of a model without dimensions": "The given model properties does not contain a 'dimensions' key",
    "authentication for a model by no way": (
        "Missing authentication object. An authentic object, for example `s3` or  `hf`, must be provided. "
    ),
    "authentication for a model by two ways": (
        "More than one model authentication was provided. Only one model authentication object is allowed"
    ),
    "a device that there is not": (
        "Given device `tpu` doesn't start with a known device type. Acceptable device types: "
    ),
    "no query at all, in an object": "Multi-term query requires at least one query. Received empty dictionary.",
    "a weighed query by words": 'Multi-term query is not supported for search_method="LEXICAL"',
    "a weighed query by both": (
        "To use multi-term query with search_method=\"HYBRID\", use 'hybrid_parameters.queryTensor' instead of 'q'."
    ),
    "context beside a text": (
        "Marqo received a query = `lamp` with type =`str` and a parameter `context`.\nThis is not "
        "supported as the context only works when the query is a dictionary."
    ),
    "context of another dimension": "The provided vectors are not in the same dimension of the index. ",
    "context of nothing": "At least 1 form of context (tensor or documents) must be provided",
    "context of documents that are not there": "The following document IDs were not found: none",
    "modifiers of `_id`": "_id is not allowed as a field_name",
    "modifiers of nothing": "At least one of multiply_score_by or add_to_score must be provided",
    "boosts by words": 'Boosting is only supported for search_method="TENSOR". Received search_method=LEXICAL',
    "boosts": "Boosting is not currently supported with Vespa",
    "efSearch by words": "efSearch is not a valid argument for lexical search",
    "efSearch of 0": "efSearch must be greater than 0",
    "approximate by words": "approximate is not a valid argument for lexical search",
    "a reranker": "Reranker is no longer supported in Marqo version 2.17 and later",
    "IN of another field than `_id`": (
        "The 'IN' filter keyword is only supported for the '_id' field on semi-structured indexes."
    ),
    "CONTAINS of a field that is no text": (
        "CONTAINS filter field 'color' is not found in index 'errors'. Available lexical fields: title"
    ),
    "CONTAINS of a structured index": "The 'CONTAINS' filter keyword is not yet supported for structured indexes",
    "attributes of a hybrid search": (
        "'searchableAttributes' cannot be used for hybrid search. Instead, define the "
        "'searchableAttributesTensor' and/or 'searchableAttributesLexical' keys inside the "
        "'hybridParameters' dict parameter."
    ),
    "a collapse field that the index has not": "Field 'title' is not configured as a collapse field for this index",
    "no documents to recommend by": "No document IDs provided",
    "documents of no weight": "No documents with non-zero weight provided",
    "documents that are not there": "The following document IDs were not found: none",
    "documents without vectors": "The following documents do not have embeddings: bare",
    "an empty list of ids": "Can't get empty collection of IDs!",
    "too many ids to delete": (
        "The number of documentIds to delete `10001` is greater than the limit `10000` set by the env var "
        "`MARQO_MAX_DELETE_DOCS_COUNT`. "
    ),
    "tensor fields of a structured index": (
        "Cannot specify 'tensorFields' when adding documents to a structured index. 'tensorFields' must be "
        "defined in structured index schema at index creation time"
    ),
    "an unknown setting": "extra fields not permitted",
    "a setting in snake case": "Invalid field name 'split_length'.",
    "pieces of no length": "ensure this value is greater than 0",
    "a word that is none of those known": "value is not a valid enumeration member; permitted: ",
    "no query": "One of Query(q) or context is required for TENSOR search but both are missing",
    "no query by both": (
        "One of Query(q), context, hybridParameters.queryTensor, or hybridParameters.queryTensor is "
        "required for HYBRID search but all are missing"
    ),
    "weights that are no numbers": "value is not a valid float",
    "a kind of search that there is not": "value is not a valid enumeration member; permitted: ",
    "a filter of the wrong type": "str type expected",
    "a limit of the wrong type": "value is not a valid integer",
    "facets of a search that is not hybrid": (
        "Facets can only be provided for 'HYBRID' search. Search method is TENSOR."
    ),
    "sortBy of a search that is not hybrid": (
        "sortBy can only be provided for 'HYBRID' search, but received search method TENSOR"
    ),
    "a total of a search that is not hybrid": (
        "trackTotalHits can only be provided for 'HYBRID' search. Search method is TENSOR."
    ),
    "hybrid parameters of another search": (
        "Hybrid parameters can only be provided for 'HYBRID' search. Search method is TENSOR."
    ),
    "a cut-off without its parameter": "You must provide 'stdDevFactor' as parameters for method 'mean_std_dev'.",
    "alpha above 1": "alpha can only be between 0 and 1",
    "methods that do not go together": (
        "For retrievalMethod: tensor or lexical, rankingMethod must be: tensor or lexical"
    ),
    "rerankDepth by words": "'rerankDepth' is currently not supported for 'LEXICAL' search method.",
    "a language by meaning": (
        "language parameter is not supported for TENSOR search method. Language specification only applies "
        "to lexical and hybrid search."
    ),
    "a threshold above 1": "'approximateThreshold' must be between 0 and 1, got 2.0.",
    "an unknown interpolation": "value is not a valid enumeration member; permitted: ",
    "weights to embed that are no numbers": "value is not a valid float",
    "nothing to embed": "Embed content list should not be empty",
    "a kind of content that there is not": "value is not a valid enumeration member; permitted: ",
    "a patch method that there is not": "value is not a valid enumeration member; permitted: ",
    "documents that are no list": "value is not a valid list",
    "an empty batch": "Received empty add documents request",
    "an empty update": "Received empty update_documents request",
    "a batch too large": (
        "Number of docs in update_documents request (129) exceeds limit of 128. If using the Python "
        "client, break up your update_documents request into smaller batches using its client_batch_size "
        "parameter "
    ),
    "no tensor fields": (
        "tensor_fields must be explicitly provided as a list for unstructured index. If you don't want to "
        "vectorise any field, please provide an empty list []."
    ),
    "`_id` as a tensor field": "`_id` field cannot be a tensor field.",
    "weights that cancel each other": "Zero magnitude vector detected, cannot normalize.",
    "facets of a structured index": "Facets are only supported for unstructured indexes",
    "track_total_hits of a structured index": "trackTotalHits is only supported for unstructured indexes",
    "sort_by of a structured index": (
        "The 'sortBy' features is only supported for unstructured indexes created with Marqo version 2.22.0 or later "
    ),
    "relevance_cutoff of a structured index": (
        "The 'relevanceCutoff' feature is only supported for unstructured indexes created with Marqo "
        "version 2.13.0 or later "
    ),
    "collapse_fields of a structured index": (
        "The 'collapseFields' search parameter is only supported for unstructured indexes created with "
        "Marqo version 2.23.0 or later. This index is structured"
    ),
    "text for no_model": (
        "Cannot vectorise anything with 'no_model'. This model is intended for adding documents and "
        "searching with custom vectors only. If vectorisation is needed, please use a different model "
    ),
    "no ids to delete": "doc_ids can't be empty!",
    "an id that is none": "Document ID can't be empty",
    "an id that is no text": "Document _id must be a string type! Received _id 1 of type `int`",
    "a name with a slash": "Illegal character '/' detected in field name a/b",
    "a field that a structured index has not": (
        "Index 'errors-structured' has no filterable field 'color'. Available filterable fields are: '"
    ),
    "a limit of 0": "result_count must be an integer greater than 0! Received 0",
    "a limit above 1,000": (
        "The search result limit must be less than or equal to the MARQO_MAX_SEARCH_LIMIT limit of [1000]. "
        "Marqo received search result limit of `1001`."
    ),
    "an offset below 0": "search result offset cannot be less than 0!",
    "a page too far": (
        "The search result limit + offset must be less than or equal to the MARQO_MAX_RETRIEVABLE_DOCS "
        "limit of [10000].  Marqo received search result limit of `10` and offset of `9999`."
    ),
    "more than ten documents of context": (
        "Search context documents limit exceeded. Maximum allowed is 10, but got 11. To increase, set the "
        "environment variable 'MARQO_MAX_SEARCH_CONTEXT_DOCS'"
    ),
    "too many ids": (
        "10001 documents were requested, which is more than the allowed limit of [10000], set by the "
        "environment variable `MARQO_MAX_RETRIEVABLE_DOCS`"
    ),
    "a search on cuda": "Requested device is not available to this Marqo instance. Requested device: `cuda:1`",
    "cuda's figures": "CUDA is not available on this instance",
    "an unknown index": "Index errors-none not found",
    "an unknown document": "Document with ID none not found in index errors",
    "a model not loaded": "The model_name `none` device `cpu` is not cached or found",
    "a name that is taken": "Index errors already exists",
    "a language for a field of a structured index": "Unknown mappings object type `text_field` for field `name`",
    "a path that there is not": "Not Found",
    "a method that a path has not": "Method Not Allowed",
    "operation_conflict_error of the server": "Your indexes are being updated. Please try again shortly.",
    "too_many_requests of the server": (
        "Throttled because maximum thread count (8) for request type 'SEARCH' has been exceeded. Try your "
        "request again later."
    ),
    "vector_store_timeout of the server": "Vector store request timed out. Try your request again later.",
    "service_unavailable of the server": "Please create an issue on Marqo's GitHub repo",
    "backend_communication_error of the server": "Marqo cannot connect to Zookeeper",
    "backend_data_parsing_error of the server": "No match features found in the document",
    "internal of the server": "Marqo encountered an unexpected internal error.",
}
OURS = {  # the server says nothing of the kind, or it depends on what a model or a network answers
    "a part of a structured index that is missing",
    "pieces that overlap as much as they are long",
    "media that cannot be fetched",
    "a language of a structured index",
    "a request of more than 64 MiB",
    "a fault that was asked for",
}
