package main

import (
	"io"
	"net/http"
	"strings"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	"google.golang.org/protobuf/proto"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"
	openapiclient "k8s.io/client-go/openapi"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/openapi"
	"k8s.io/kubectl/pkg/validation"
)

// The OpenAPI documents that `kubectl apply` reads anew each time, most of its CPU time. The API server says whether one is still what it was:
// by its ETag, or by the hash in its URL.
var (
	schemaTag   string
	schema2     openapi.Resources
	groupsByURL = map[string]*spec3.OpenAPI{}
	supportOf   = map[askedSupport]bool{}
)

type askedSupport struct {
	kind schema.GroupVersionKind
	url  string
}

// factory is kubectl's, with documents from memory.
type factory struct{ util.Factory }

// OpenAPISchema is the document of version 2.
func (f factory) OpenAPISchema() (openapi.Resources, error) {
	config, err := f.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(config.Host, "/")+"/openapi/v2", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")
	if schemaTag != "" {
		request.Header.Set("If-None-Match", schemaTag)
	}
	answer, err := client.Do(request)
	if err != nil {
		return f.Factory.OpenAPISchema()
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotModified {
		return schema2, nil
	}
	body, err := io.ReadAll(answer.Body)
	tag := answer.Header.Get("ETag")
	document := &openapi_v2.Document{}
	if err != nil || answer.StatusCode != http.StatusOK || tag == "" || proto.Unmarshal(body, document) != nil {
		return f.Factory.OpenAPISchema()
	}
	resources, err := openapi.NewOpenAPIData(document)
	if err == nil {
		schemaTag, schema2 = tag, resources
	}
	return resources, err
}

// Validator is as in kubectl's factory, with answers from memory of what the API server supports.
func (f factory) Validator(directive string) (validation.Schema, error) {
	if directive == metav1.FieldValidationIgnore {
		return f.Factory.Validator(directive)
	}
	dynamic, err := f.DynamicClient()
	if err != nil {
		return nil, err
	}
	discovery, err := f.ToDiscoveryClient()
	if err != nil {
		return nil, err
	}
	client, err := f.OpenAPIV3Client()
	if err != nil {
		return nil, err
	}
	asked := resource.QueryParamFieldValidation
	return validation.NewParamVerifyingSchema(
		validation.ConjunctiveSchema{validation.NewSchemaValidation(f), validation.NoDoubleKeySchema{}},
		resource.NewFallbackQueryParamVerifier(
			knownSupport{resource.NewQueryParamVerifierV3(dynamic, client, asked), client},
			resource.NewQueryParamVerifier(dynamic, discovery, asked),
		),
		directive,
	), nil
}

type knownSupport struct {
	resource.Verifier
	client openapiclient.Client
}

func (k knownSupport) HasSupport(kind schema.GroupVersionKind) error {
	url := urlOf(k.client, kind.GroupVersion())
	if url != "" && supportOf[askedSupport{kind, url}] {
		return nil
	}
	err := k.Verifier.HasSupport(kind)
	if url != "" && err == nil {
		supportOf[askedSupport{kind, url}] = true
	}
	return err
}

type knownRoot struct {
	openapi3.Root
	client openapiclient.Client
}

func (k knownRoot) GVSpec(version schema.GroupVersion) (*spec3.OpenAPI, error) {
	url := urlOf(k.client, version)
	if known := groupsByURL[url]; known != nil {
		return known, nil
	}
	read, err := k.Root.GVSpec(version)
	if url != "" && err == nil {
		groupsByURL[url] = read
	}
	return read, err
}

// urlOf is the URL of a version's document with the hash of its content; empty where there is none.
func urlOf(client openapiclient.Client, version schema.GroupVersion) string {
	paths, err := client.Paths()
	if err != nil {
		return ""
	}
	at := "apis/" + version.String()
	if version.Group == "" {
		at = "api/" + version.Version
	}
	if found := paths[at]; found != nil && strings.Contains(found.ServerRelativeURL(), "hash=") {
		return found.ServerRelativeURL()
	}
	return ""
}
